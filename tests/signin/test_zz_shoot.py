"""Screenshots of the sign-in pages."""
import os, sys, re
sys.path.insert(0,'/work/main')
from playwright.sync_api import sync_playwright
import pytest
def test_shoot(cast, tmp_path, django_db_setup):
    from tests.signin.provider import running_provider
    from tests.site import running_site
    from tests.signin.people import code
    from tests.cast import PASSWORD
    out='/tmp/signin/shots/'; os.makedirs(out,exist_ok=True)
    with running_provider(tmp_path/'p.log') as prov:
        os.environ.update(LIANXI_REQUIRE_SECOND_FACTOR='yes',LIANXI_REQUIRE_OWN_PASSWORD='yes',LIANXI_OIDC_ISSUER=prov,LIANXI_OIDC_CLIENT_ID='x',LIANXI_OIDC_CLIENT_SECRET='y')
        with running_site(tmp_path/'s.log') as site, sync_playwright() as p:
            b=p.chromium.launch(executable_path='/usr/bin/chromium',args=['--no-sandbox','--disable-gpu'])
            for name,kw in (('pc',dict(viewport={'width':1200,'height':800})),('phone',dict(viewport={'width':360,'height':740}))):
                ctx=b.new_context(locale='zh-CN',**kw); pg=ctx.new_page()
                n=[0]
                def shot(label):
                    n[0]+=1; pg.screenshot(path=f'{out}{name}-{n[0]:02}-{label}.png',full_page=True)
                    assert pg.evaluate("document.documentElement.scrollWidth<=innerWidth"),label
                pg.goto(site+'/login/'); shot('login')
                user='zhaoqiang' if name=='pc' else 'sunli'
                pg.fill('[name=username]',user); pg.fill('[name=password]','wrong'); pg.get_by_role('button',name='登录',exact=True).click(); shot('wrong')
                pg.fill('[name=username]',user); pg.fill('[name=password]',PASSWORD); pg.get_by_role('button',name='登录',exact=True).click(); shot('given')
                pg.fill('[name=oldpassword]',PASSWORD); pg.fill('[name=password1]','short'); pg.fill('[name=password2]','short2'); pg.locator('main form button').click(); shot('pwerr')
                pg.fill('[name=oldpassword]',PASSWORD); pg.fill('[name=password1]','Another-horse-10'); pg.fill('[name=password2]','Another-horse-10'); pg.locator('main form button').click(); shot('activate')
                secret=pg.locator('#secret').inner_text().replace(' ','')
                pg.fill('[name=code]','1'); pg.locator('main form button').click(); shot('activate-err')
                pg.fill('[name=code]',code(secret)); pg.locator('main form button').click(); shot('codes')
                pg.goto(site+'/accounts/second-factor/'); shot('index')
                pg.locator('.me summary').click(); shot('menu')
                pg.goto(site+'/accounts/second-factor/deactivate/'); shot('deactivate')
                pg.goto(site+'/accounts/recovery-codes/new/'); shot('newcodes')
                pg.goto(site+'/accounts/confirm/'); shot('confirm')
                ctx.clear_cookies(); pg.goto(site+'/login/')
                pg.fill('[name=username]',user); pg.fill('[name=password]','Another-horse-10'); pg.get_by_role('button',name='登录',exact=True).click(); shot('code')
                ctx.clear_cookies(); pg.goto(site+'/login/'); pg.get_by_role('button',name='用单位账号登录').click(); pg.locator("button[value='1002']").click(); shot('refused')
